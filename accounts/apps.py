from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and their rights"

    def ready(self) -> None:
        from accounts import listeners  # noqa: F401  (hears of clinics that end)
        from accounts.domains.registry import domains

        domains()  # a plugin that does not keep its contract stops the start
