// A Sora script for OpenAI's Node package. Only the environment tells it where to go:
// OPENAI_BASE_URL and OPENAI_API_KEY. Prints what it saw as one line of JSON.
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";

const [folder, picture] = process.argv.slice(2);
const { OpenAI, toFile } = createRequire(`${folder}/`)("openai");
const client = new OpenAI();
const seen = {};

async function finished(video) {
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 500));
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

const first = await finished(
  await client.videos.create({ model: "sora-2", prompt: "A calico cat playing a piano", seconds: "8", size: "1280x720" }),
);
seen.video = first;
const content = await client.videos.downloadContent(first.id);
const bytes = Buffer.from(await content.arrayBuffer());
seen.bytes = bytes.length;
seen.told = Number(content.headers.get("content-length"));
seen.box = bytes.subarray(4, 8).toString("latin1");

const uploads = [createReadStream(picture), await toFile(createReadStream(picture), "start.png")];
seen.uploads = [];
for (const input_reference of uploads) {
  const made = await client.videos.create({ model: "gen4_turbo", prompt: "it moves", seconds: "2", input_reference });
  seen.uploads.push((await finished(made)).status);
}

const remix = await client.videos.remix(first.id, { prompt: "Now at night" });
seen.remixed_from = remix.remixed_from_video_id === first.id;
await client.videos.delete(remix.id);

seen.listed = [];
for await (const video of client.videos.list({ limit: 1 })) seen.listed.push(video.status);

seen.refusal = await client.videos
  .create({ model: "sora-2", prompt: "x", seconds: "99" })
  .then(() => null, (error) => ({ name: error.constructor.name, status: error.status, param: error.param }));
seen.buffer = await client.videos
  .create({ model: "gen4_turbo", prompt: "x", input_reference: Buffer.from("not a file") })
  .then(() => null, (error) => ({ name: error.constructor.name, status: error.status, param: error.param }));

seen.deleted = (await client.videos.delete(first.id)).deleted;
seen.gone = await client.videos.retrieve(first.id).then(() => 200, (error) => error.status);
console.log(JSON.stringify(seen));
