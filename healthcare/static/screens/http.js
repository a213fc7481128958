// How does the screen ask the server something?

import { hear } from "./clock.js";

/** Never throws: `status` 0 means that no answer came. `ours` says that the product itself answered, not a proxy in front of
 *  it: a gateway's 404 during a deployment must not make a wall full of screens forget who they are. */
export async function ask(method, path, { secret, timeout = 10_000 } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  const headers = { Accept: "application/json" };
  if (secret) headers.Authorization = `Display ${secret}`;
  if (method !== "GET") headers["Content-Type"] = "application/json";
  try {
    // No cookies: a screen is a device, even in a browser in which somebody once signed in to admin.
    const answer = await fetch(path, {
      method, headers, body: method === "GET" ? undefined : "{}", signal: stop.signal, cache: "no-store", credentials: "omit",
    });
    const ours = (answer.headers.get("Content-Type") || "").includes("json");
    const text = await answer.text();
    hear(answer.headers.get("Date"));
    const wait = seconds(answer.headers.get("Retry-After"));
    return { status: answer.status, ours, body: ours && text ? JSON.parse(text) : null, wait };
  } catch {
    return { status: 0, ours: false, body: null, wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

/** Retry-After in milliseconds, at most a minute: a screen must not sleep for an hour because of one odd header. */
function seconds(header) {
  const value = Number(header);
  return value > 0 ? Math.min(value, 60) * 1000 : 0;
}
