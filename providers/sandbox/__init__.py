"""An offline stand-in for Runway's HTTP API that renders real clips, for trying out and for tests.

Started by `manage.py sandbox` or `python -m providers.sandbox`; only those and tests import it. It
needs no database, and of Django only the setting that names the catalogue. Words in a prompt make
it misbehave on purpose (docs/sandbox.md says more):

    [fail:CODE]         the task fails half-way with this failureCode, at no cost
    [throttle:SECONDS]  the task is THROTTLED that long (divided by the pace)
    [slow:SECONDS]      the task is RUNNING that long (divided by the pace)
    [http:STATUS]       the create is answered with this 4xx or 5xx, and nothing is made
    [http:STATUS:N]     the same, but only the first N times for exactly this prompt
    [credits]           the create is refused for want of credits, with a 400
    [html]              the create is answered 200 with a web page, and nothing is made
    [drop]              the task is made, but the connection closes without an answer
    [hang:SECONDS]      the task is made, but the answer comes that late (divided by the pace)
    [vanish]            the task is made, but every later look at it is a 404
    [outputs:N]         the task has N files
    [cost:N]            the task costs N credits
    [expire]            the first link to its file is expired, a fresh one works
    [truncate]          the first download breaks off half-way
    [corrupt]           the first download is a web page that claims to be a video
    [drip:SECONDS]      every download of its file takes that long (divided by the pace)

DATA/ledger.jsonl has one line for each create that was accepted, and so would have been paid for:
{"id", "path", "model", "prompt", "at", "key4"}.

Source: Runway OpenAPI document 2024-11-06; docs.dev.runwayml.com.
"""
