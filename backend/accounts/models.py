"""People, who sells, and who may act where."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        *,
        password: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        name: str = "",
    ) -> User:
        """A person who signs in with ``email`` or ``phone`` (E.164), at least one of them, and a password."""
        if not email and not phone:
            raise ValueError("A person needs a phone number or an e-mail address.")
        user = self.model(
            email=self.normalize_email(email).lower() if email else None, phone=phone or None, name=name
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """The one person with this e-mail address or phone. Raises DoesNotExist, MultipleObjectsReturned."""
        return self.get(Q(email=username) | Q(phone=username))


class User(AbstractBaseUser):
    """A person. What they may do follows from their memberships alone: there is no all-powerful flag."""

    email = models.EmailField(_("thư điện tử"), unique=True, null=True, blank=True)
    phone = models.CharField(_("số điện thoại"), max_length=16, null=True, blank=True, db_index=True)
    """E.164. Until a delivered code proved it, a login name and nothing more: see the constraint below."""
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(_("họ tên"), max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="user_reachable"
            ),
            # A number belongs to one person once it is proved. An unproved one excludes nobody: else whoever
            # typed it first would lock its owner out, and signing up would tell strangers which numbers have
            # an account.
            models.UniqueConstraint(
                fields=["phone"], condition=Q(phone_verified_at__isnull=False), name="user_proved_phone"
            ),
            models.CheckConstraint(
                condition=Q(phone_verified_at__isnull=True) | Q(phone__isnull=False),
                name="user_proof_of_phone",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or f"#{self.pk}"

    @property
    def actor(self) -> str:
        """How the audit log names this person."""
        return f"user:{self.pk}"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permission flags grant nothing here."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """As has_perm."""
        return False


class Seller(models.Model):
    """A producer or trader who sells in the market and is paid into an account of their own."""

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", _("Hộ gia đình")
        COOPERATIVE = "cooperative", _("Hợp tác xã")
        GROUP = "group", _("Tổ hợp tác")
        COMPANY = "company", _("Công ty")

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=Kind)
    commune = models.ForeignKey("places.Commune", on_delete=models.PROTECT, related_name="sellers")
    hamlet = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=16)
    email = models.EmailField(blank=True)
    about = models.TextField(blank=True)
    registration_number = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> str:
        """How payments and the audit log name this seller."""
        return f"seller:{self.pk}"


class Membership(models.Model):
    """``user`` has ``role`` within one commune, market, seller or stall. Roles hold nowhere else."""

    class Role(models.TextChoices):
        FARMER = "farmer", _("người sản xuất")
        VENDOR = "vendor", _("tiểu thương")
        MANAGER = "manager", _("ban quản lý chợ")
        OFFICER = "officer", _("cán bộ xã")
        HELPER = "helper", _("tổ công nghệ số cộng đồng")
        ADMIN = "admin", _("quản trị")

    class Scope(models.TextChoices):
        COMMUNE = "commune", _("xã")
        MARKET = "market", _("chợ")
        SELLER = "seller", _("người bán")
        STALL = "stall", _("sạp")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    scope = models.CharField(max_length=8, choices=Scope)
    scope_id = models.CharField(max_length=26)
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "scope", "scope_id"],
                condition=Q(ended_at__isnull=True),
                name="membership_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["scope", "scope_id"], condition=Q(ended_at__isnull=True), name="membership_in_scope"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.scope}:{self.scope_id}"


class Code(models.Model):
    """A short number that was sent to an e-mail address or a phone, to prove that ``user`` holds it."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("thư điện tử")
        PHONE = "phone", _("số điện thoại")

    id = models.CharField(max_length=26, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    channel = models.CharField(max_length=5, choices=Channel)
    target = models.CharField(max_length=254)
    digest = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "channel", "sent_at"], name="code_of_user")]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class CacheEntry(models.Model):
    """The table of Django's database cache, which counts attempts for the rate limits.

    Decision: the counters must be shared by all web processes and survive a restart, and the market has no
    memory server. A file cache cannot add atomically and a process's own memory is not shared, so it is the
    database. As a model the table is made by migrations and emptied between tests; only sign-in pages write
    to it.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "shared_cache"

    def __str__(self) -> str:
        return self.cache_key
