"""The mutation fields of this room."""

from __future__ import annotations

from graphene import ID, Field, List, NonNull, String

from backend.api.saleor.base import (
    DeleteMetadata,
    DeletePrivateMetadata,
    MetadataInput,
    UpdateMetadata,
    UpdatePrivateMetadata,
)


class MetadataMutations:
    """What base adds to the mutation root."""

    delete_metadata = Field(DeleteMetadata, id=ID(required=True), keys=List(NonNull(String), required=True))
    delete_private_metadata = Field(
        DeletePrivateMetadata, id=ID(required=True), keys=List(NonNull(String), required=True)
    )
    update_metadata = Field(
        UpdateMetadata, id=ID(required=True), input=List(NonNull(MetadataInput), required=True)
    )
    update_private_metadata = Field(
        UpdatePrivateMetadata, id=ID(required=True), input=List(NonNull(MetadataInput), required=True)
    )
