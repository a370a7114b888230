"""A Sora script that speaks through litellm's client. Run by `test_other_clients`.

Takes the address and the key; prints what it saw as one line of JSON.
"""

import json
import sys
import time

import litellm

where = {"api_base": sys.argv[1], "api_key": sys.argv[2]}
video = litellm.video_generation(
    model="openai/sora-2", prompt="A calico cat", seconds="8", size="1280x720", **where
)
seen = {"id": bool(video.id), "status": []}
while True:
    now = litellm.video_status(video_id=video.id, **where)
    seen["status"].append(now.status)
    if now.status in ("completed", "failed"):
        break
    time.sleep(0.5)
content = litellm.video_content(video_id=video.id, **where)
seen |= {"box": content[4:8].decode("latin1"), "seconds": now.seconds, "size": now.size}
json.dump(seen, sys.stdout)
