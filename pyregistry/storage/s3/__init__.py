"""A storage in a bucket of any service that speaks Amazon's S3 protocol."""
