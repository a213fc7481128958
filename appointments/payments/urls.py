"""Which routes are about money?"""

from django.urls import path

from appointments.payments.providers.registry import GATEWAYS
from appointments.payments.views import GatewayViewSet, PaymentViewSet

ALL = "appointments/<uuid:appointment_id>/payments"
GATEWAY = "clinics/<str:clinic_id>/payments/gateways"
ONE = f"{ALL}/<uuid:payment_id>"

urlpatterns = [
    path(ALL, PaymentViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{ALL}/price", PaymentViewSet.as_view({"put": "price"})),
    path(ONE, PaymentViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE}/withdraw", PaymentViewSet.as_view({"post": "withdraw"})),
    path(f"{ONE}/refund", PaymentViewSet.as_view({"post": "refund"})),
    path(f"{ONE}/receipt", PaymentViewSet.as_view({"get": "receipt"})),
    path(f"{ONE}/refunds/<uuid:refund_id>/receipt", PaymentViewSet.as_view({"get": "credit_note"})),
    *(path(f"{GATEWAY}/{code}", GatewayViewSet.as_view({"post": "create"}), {"provider": code}) for code in GATEWAYS),
]
