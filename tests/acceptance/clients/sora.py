"""A Sora script as OpenAI's guide has it, for any version of the package.

Only the environment tells it where to go: OPENAI_BASE_URL and OPENAI_API_KEY. Prints what it saw as
one line of JSON. Run by `test_other_clients`, outside of this project's environment.
"""

import json
import sys
from pathlib import Path

import openai

client = openai.OpenAI()
picture = Path(sys.argv[1])

video = client.videos.create_and_poll(
    model="sora-2", prompt="A calico cat playing a piano", seconds="8", size="1280x720"
)
content = client.videos.download_content(video.id, variant="video").read()
moved = client.videos.create_and_poll(
    model="gen4_turbo",
    prompt="it moves",
    seconds="4",
    input_reference=picture,
)
remix = client.videos.remix(video.id, prompt="Now at night")
client.videos.delete(remix.id)
listed = [one.id for one in client.videos.list(limit=1)]
try:
    client.videos.create(model="sora-2", prompt="x", seconds="99")
    refusal = None
except openai.BadRequestError as exc:
    refusal = exc.param
deleted = client.videos.delete(video.id).deleted
try:
    client.videos.retrieve(video.id)
    gone = 200
except openai.NotFoundError as exc:
    gone = exc.status_code
seen = {
    "version": openai.__version__,
    "video": video.to_dict(),
    "box": content[4:8].decode("latin1"),
    "moved": moved.status,
    "remixed_from": remix.remixed_from_video_id == video.id,
    "listed": [video.id in listed, moved.id in listed],
    "refusal": refusal,
    "deleted": deleted,
    "gone": gone,
}
json.dump(seen, sys.stdout)
