"""A bucket that speaks S3: Amazon's, or one of a shop or a machine of your own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

from segue.config import Settings
from segue.errors import MediaError
from segue.media.drafts import ROOM, Drafts
from segue.media.files import CHUNK, KEY, File, checked, missing
from segue.media.making import Making
from segue.media.stream import Stream
from segue.media.wire import BucketWire

LINK_SECONDS = 60
"""How long a link to a file is good: whoever is shut out meanwhile does not come back with an old one."""
CONNECT_SECONDS, READ_SECONDS, TRIES = 3.0, 10.0, 2
"""Whoever listens to a clip waits for it: rather a word soon than a clip in a minute."""
CONNECTIONS = 32
"""At once, in a process: its web server's threads and its workers."""


class Bucket:
    """Files by key below one prefix of a bucket."""

    setting = "SEGUE_MEDIA_URL, AWS_ENDPOINT_URL_S3 and the bucket's keys"

    def __init__(self, settings: Settings, room: int = ROOM, read_seconds: float = READ_SECONDS) -> None:
        assert settings.media_url is not None
        self.bucket, _, prefix = settings.media_url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/".lstrip("/")
        self.place = f"{settings.media_url} at {settings.s3_endpoint or 'Amazon'}"
        self._settings = settings
        self._drafts = Drafts(settings.data.absolute() / "drafts", room)
        self._making = Making()
        self._wire = BucketWire()
        self._read_seconds = read_seconds

    def prepare(self) -> None:
        self._drafts.prepare()

    def check_room(self) -> None:
        self._drafts.check_room()
        with self._wire.ask():
            self._client.head_bucket(Bucket=self.bucket)

    def room(self) -> int | None:
        return None

    def draft(self) -> AbstractContextManager[BinaryIO]:
        return self._drafts.draft()

    def put(self, key: str, draft: BinaryIO) -> None:
        draft.flush()
        # One request, signed over all of its bytes: it is there whole, or not at all.
        with Path(draft.name).open("rb") as written, self._wire.ask():
            self._client.put_object(**self._at(key), Body=written)

    def made(self, key: str, make: Callable[[], bytes]) -> int:
        return self._making.made(self, key, make)

    def find(self, key: str) -> File | None:
        from botocore.exceptions import ClientError

        with self._wire.ask():
            try:
                head = self._client.head_object(**self._at(key))
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return None
                raise
        return self._file(key, head["ContentLength"], head["LastModified"].timestamp())

    def files(self, folder: str = "") -> Iterator[File]:
        below = self._prefix + (f"{folder}/" if folder else "")
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=below))
        while True:
            # Whoever goes through them may take long over each: that is nobody's silence.
            with self._wire.ask():
                page = next(pages, None)
            if page is None:
                return
            for found in page.get("Contents", []):
                key = found["Key"].removeprefix(self._prefix)
                if KEY.fullmatch(key):
                    yield self._file(key, found["Size"], found["LastModified"].timestamp())

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        file = self.find(key)
        if file is None:
            raise missing(key)
        with ExitStack() as stack:
            try:
                copy = stack.enter_context(tempfile.NamedTemporaryFile(dir=self._drafts.folder))
                with file.open() as kept:
                    shutil.copyfileobj(kept, copy)
                copy.flush()
            except OSError as error:
                raise MediaError(f"Segue could not store a file: {error.strerror}.") from error
            yield Path(copy.name)

    def link(self, key: str, media_type: str, disposition: str) -> str | None:
        if self._public is None:
            return None
        wanted = {"ResponseContentType": media_type, "ResponseContentDisposition": disposition}
        wanted["ResponseCacheControl"] = "private, no-store"
        address = self._public.generate_presigned_url("get_object", self._at(key) | wanted, ExpiresIn=LINK_SECONDS)
        return cast(str, address)

    def remove(self, key: str) -> None:
        with self._wire.ask():
            self._client.delete_object(**self._at(key))

    def where(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._prefix}{checked(key)}"

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self._prefix + checked(key)}

    def _file(self, key: str, size: int, changed: float) -> File:
        def part(first: int) -> Any:
            with self._wire.ask():
                return self._client.get_object(**self._at(key), Range=f"bytes={first}-")["Body"]

        return File(key, size, changed, lambda: BufferedReader(Stream(part, size), CHUNK))

    @cached_property
    def _client(self) -> Any:
        return self._made_client(self._settings.s3_endpoint)

    @cached_property
    def _public(self) -> Any | None:
        """Signs links for the address that browsers know the bucket by; None where they know none."""
        endpoint = self._settings.s3_endpoint
        public = self._settings.media_public_url
        return self._made_client(public) if public or not endpoint else None

    def _made_client(self, endpoint: str | None) -> Any:
        import boto3
        from botocore.config import Config

        said, secret, token = self._settings, self._settings.s3_secret, self._settings.s3_session
        return boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=said.s3_region,
            aws_access_key_id=said.s3_key_id,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            aws_session_token=token.get_secret_value() if token else None,
            config=Config(
                signature_version="s3v4",
                connect_timeout=CONNECT_SECONDS,
                read_timeout=self._read_seconds,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                max_pool_connections=CONNECTIONS,
                # What others than Amazon understand too.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"payload_signing_enabled": True, "addressing_style": "path" if endpoint else "auto"},
            ),
        )
