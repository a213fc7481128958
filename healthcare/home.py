"""What does the start page show? Where things are; in development also how to get in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

DEMO_LOGINS = ("receptionist@north.example", "doctor@north.example", "clinic_admin@south.example", "super_admin@north.example")


def page_home(request: HttpRequest) -> HttpResponse:
    demo = settings.DEVELOPMENT
    return render(
        request,
        "home.html",
        {
            "environment": settings.ENVIRONMENT,
            "demo": demo,
            "demo_password": settings.DEMO_PASSWORD if demo else "",
            "demo_logins": DEMO_LOGINS if demo else (),
        },
    )
