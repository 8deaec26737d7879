"""Copying an object onto itself, which begins its age anew without moving its bytes."""

from typing import Any

from pyregistry.storage.s3.upload import abort


def copy_onto_itself(
    client: Any, where: dict[str, str], said: dict[str, str], size: int, *, limit: int
) -> None:
    """Have the service write the object at `where` (`Bucket`, `Key`) again from its own bytes.

    What is larger than `limit` bytes is copied in parts of that size; nobody sees the object in
    between. Raises boto's errors; some services take no such copies.
    """
    if size <= limit:
        # Without new metadata S3 refuses to copy an object onto itself.
        client.copy_object(**where, **said, CopySource=where, MetadataDirective="REPLACE")
        return
    upload = client.create_multipart_upload(**where, **said)["UploadId"]
    try:
        parts = []
        for number, start in enumerate(range(0, size, limit), start=1):
            answer = client.upload_part_copy(
                **where,
                UploadId=upload,
                PartNumber=number,
                CopySource=where,
                CopySourceRange=f"bytes={start}-{min(start + limit, size) - 1}",
            )
            parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
        client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    except BaseException:
        abort(client, where, upload)
        raise
