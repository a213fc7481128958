from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and their rights"

    def ready(self) -> None:
        from accounts import admin_session, listeners, tasks  # noqa: F401  (hear of sign-ins and ended clinics; jobs)
        from accounts.domains.registry import domains
        from accounts.roles import may_be_opened
        from clinics import vocabulary

        vocabulary.offer("opened", lambda: [f"{role}:{permission}" for role, permission in may_be_opened()])
        domains()  # a plugin that does not keep its contract stops the start
