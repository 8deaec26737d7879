"""What holds the code to the OpenAPI document: every exchange of the tests is checked."""
