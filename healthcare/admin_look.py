"""What does the admin look like: its name, its sign-in form, what its side bar and account menu lead to?"""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Healthcare platform",
    "SITE_HEADER": "Healthcare platform",
    "SHOW_HISTORY": False,  # the audit has it
    "LOGIN": {"form": "accounts.admin_login.StaffLogin"},
    "GLOBAL_CALLBACK": "accounts.admin_clinic.header",
    "SIDEBAR": {
        "navigation": [  # what is no list of rows; shown to whom the permission's answer is yes
            {
                "title": "At the desk",
                "items": [
                    {
                        "title": "Find a patient",
                        "link": "/admin/patients/search/",
                        "permission": "patients.admin.search.may_search",
                    },
                    {"title": "Queue board", "link": "/admin/queue/board/", "permission": "appointments.queue.board.may_run"},
                    {"title": "Screens", "link": "/admin/queue/screens/", "permission": "appointments.queue.board.may_pair"},
                    {
                        "title": "Messages",
                        "link": "/admin/notifications/preview/",
                        "permission": "notifications.admin.may_preview",
                    },
                ],
            },
            {
                "title": "The clinic",
                "items": [
                    {"title": "Settings", "link": "/admin/clinics/settings/", "permission": "clinics.settings_page.may_manage"},
                ],
            },
        ]
    },
    "ACCOUNT": {
        "navigation": [
            {"title": "Your security", "link": "/admin/security/"},
            {"title": "Job queues", "link": "/queue-dashboard"},
            {"title": "Screens", "link": "/screens/"},
        ]
    },
}
