from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and their rights"

    def ready(self) -> None:
        from accounts import listeners  # noqa: F401  (hears of clinics that end)
