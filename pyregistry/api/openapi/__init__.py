"""The OpenAPI document of the JSON API, made from Python, which the tests hold the code to.

How to document an endpoint:

1. Find the subject that it belongs to in `subjects/`, or add a module there with a `SUBJECT`
   and a line in `subjects/__init__.py`.
2. Add an `Operation`. It names the method, the address, the class of the resource that the
   view is registered for, what it does, who may, and what is answered:

       Operation(
           "PUT", ".../members/{user_id}", ApiMember,
           "Change a member",
           who="Maintainer",
           body=body(("access_level",), access_level=SENT_ROLE, expires_at=SENT_DAY),
           answer=shows(MEMBER),
       ),

   `...` at the beginning stands for both `/projects/{id}` and `/groups/{id}`. Every name in
   braces that is new goes into `PATH_PARAMETERS` (`parameters.py`). A list has
   `query=PAGES` and `answer=lists(MEMBER)`: both come with what they say of paging.
3. What is answered is a `record` (`schemas.py`): every attribute is always there unless it is
   called optional, no other one ever is, and `nullable` ones may be null. What is sent is a
   `body`, with the names of what must be there first; the schemas `SENT_...` (`sent.py`) say
   how JSON and forms spell a value.
4. 400, 401, 403, 404, 429 and 503 are documented by themselves, and 409 and 413 for whatever
   is no GET. Other refusals are named: `also=(412, 422)`.

`tests/functional/test_openapi.py` fails for a view that no operation describes, for an
operation that no view answers, and for an address that leads elsewhere. Every request of the
whole test suite is checked besides: an answer that the document does not describe fails the
test that got it.
"""
