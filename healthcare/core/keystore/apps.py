from django.apps import AppConfig


class KeystoreConfig(AppConfig):
    name = "healthcare.core.keystore"
    label = "keystore"
    verbose_name = "Key store"
