"""What people and programs do with a studio of 200 data sets; `run.py` starts it."""

import os
import random

from locust import HttpUser, constant_pacing, task
from requests.cookies import RequestsCookieJar

NAMES = [f"set_{number:03d}" for number in range(200)]
PACE = float(os.environ.get("STUDIO_PACE", "0"))  # seconds from request to request; 0: at once


class NoCookies(RequestsCookieJar):
    """Forgets at once."""

    def set_cookie(self, *args, **kwargs):
        pass


class Program(HttpUser):
    """Reads lists and settings, and now and then changes one."""

    wait_time = constant_pacing(PACE)

    def on_start(self):
        """A program keeps no cookies: the pages' session is for browsers."""
        self.client.cookies = NoCookies()

    @task(4)
    def look_at_the_list(self):
        self.client.get("/datasets", headers={"accept": "text/html"}, name="page: list")

    @task(4)
    def list_over_the_api(self):
        page = random.randint(1, 10)
        self.client.get(f"/api/v1/datasets?page={page}&sort=name", name="API: list")

    @task(2)
    def search(self):
        self.client.get("/api/v1/datasets?search=set_01 made", name="API: search")

    @task(4)
    def read(self):
        self.client.get(f"/api/v1/datasets/{random.choice(NAMES)}", name="API: read")

    @task(4)
    def read_a_setting(self):
        place = f"/api/v1/datasets/{random.choice(NAMES)}/config/detector"
        self.client.get(place, name="API: one setting")

    @task(1)
    def change(self):
        """Whoever was faster wins: 412 is an answer, not an error."""
        place = f"/api/v1/datasets/{random.choice(NAMES)}"
        tag = self.client.get(place, name="API: read").headers["etag"]
        said = {"details": f"made by {random.randint(0, 999)}"}
        with self.client.patch(
            place, json=said, headers={"If-Match": tag}, name="API: change", catch_response=True
        ) as answer:
            if answer.status_code in (200, 412):
                answer.success()
