// Times of a page, told in the reader's own time zone; without this script they are in UTC.

"use strict";

for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  time.textContent = moment.toLocaleTimeString();
  time.title = moment.toLocaleString();
}

document.querySelector("#utc")?.remove();
