// Bun + Hono + ioredis: entries live in Valkey, a page that was read is kept in the process for
// half a minute. Same answers as the edge: gzip twin, entity tag, 304.
import { Hono } from "hono";
import Redis from "ioredis";

const KEPT_MS = 30_000;
const redis = new Redis(process.env.PEER_REDIS!, { db: 1 });

type Form = { etag: string; headers: Record<string, string>; body: Uint8Array };
type Page = { plain: Form; packed: Form; until: number };
const cache = new Map<string, Page>();

async function load(path: string): Promise<Page | undefined> {
  const found = await redis.hgetallBuffer(`page:${path}`);
  if (!found.headers) return undefined;
  const shared = JSON.parse(found.headers.toString());
  const form = (etag: string, body: Buffer, more: Record<string, string> = {}): Form => ({
    etag,
    headers: { ...shared, etag, ...more },
    body: new Uint8Array(body),
  });
  const page = {
    plain: form(found.etag.toString(), found.plain),
    packed: form(found.etag_gzip.toString(), found.packed, { "content-encoding": "gzip" }),
    until: Date.now() + KEPT_MS,
  };
  cache.set(path, page);
  return page;
}

const app = new Hono();

app.get("*", async (c) => {
  const kept = cache.get(c.req.path);
  const page = kept && kept.until > Date.now() ? kept : await load(c.req.path);
  if (!page) return c.notFound();
  const form = c.req.header("accept-encoding")?.includes("gzip") ? page.packed : page.plain;
  if (c.req.header("if-none-match") === form.etag) return c.body(null, 304, form.headers);
  return c.body(form.body, 200, form.headers);
});

export default { port: Number(process.env.PEER_PORT), hostname: "127.0.0.1", fetch: app.fetch };
