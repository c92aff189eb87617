// Bun + Hono + ioredis: entries live in Valkey, a page that was read is kept in the process for
// half a minute. Same answers as the edge: gzip twin, entity tag, 304. Pictures, where there are
// originals: sharp makes each when somebody first asks for it; then it is kept on disk and in memory.
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import Redis from "ioredis";

const KEPT_MS = 30_000;
const KEPT_BYTES = 64 * 2 ** 20;
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

// As fast as sharp makes what looks like ours (bench/pictures/makers.py): its defaults take far longer.
const RECIPES = { avif: { quality: 58, effort: 1 }, webp: { quality: 73, effort: 2 } };

async function withPictures(originals: string, disk: string) {
  const sharp = (await import("sharp")).default; // only here: it is no small library
  const kept = new Map<string, Form>();
  const making = new Map<string, Promise<Form | undefined>>();
  let bytes = 0;

  function keep(key: string, body: Uint8Array, type: string): Form {
    const etag = `"${Bun.hash(body).toString(36)}"`;
    const headers = {
      etag,
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      "access-control-allow-origin": "*",
    };
    const form = { etag, headers, body };
    kept.set(key, form);
    for (bytes += body.length; bytes > KEPT_BYTES; ) {
      const [oldest, { body: gone }] = kept.entries().next().value!;
      kept.delete(oldest);
      bytes -= gone.length;
    }
    return form;
  }

  async function made(name: string, width: number, format: "avif" | "webp") {
    const key = `${name}/${width}.${format}`;
    const file = Bun.file(join(disk, key));
    if (await file.exists()) return keep(key, await file.bytes(), `image/${format}`);
    const original = Bun.file(join(originals, `${name}.jpg`));
    if (!(await original.exists())) return undefined;
    const image = sharp(await original.bytes()).autoOrient().resize({ width, withoutEnlargement: true });
    const body = new Uint8Array(await image[format](RECIPES[format]).toBuffer());
    await mkdir(dirname(join(disk, key)), { recursive: true });
    await Bun.write(file, body);
    return keep(key, body, `image/${format}`);
  }

  app.get("/api/framer/images/:name{[0-9a-f]{32}}/:file{(400|800|1200|1600)\\.(avif|webp)}", async (c) => {
    const { name, file } = c.req.param();
    const key = `${name}/${file}`;
    let form = kept.get(key);
    if (!form) {
      const [width, format] = file.split(".");
      const one = making.get(key) ?? made(name, Number(width), format as "avif" | "webp");
      making.set(key, one); // whoever asks meanwhile waits for the same
      form = await one.finally(() => making.delete(key));
    }
    if (!form) return c.notFound();
    if (c.req.header("if-none-match") === form.etag) return c.body(null, 304, form.headers);
    return c.body(form.body, 200, form.headers);
  });
}

const { PEER_PICTURES, PEER_MADE, PEER_CERTIFICATE, PEER_KEY, PEER_PORT } = process.env;
if (PEER_PICTURES) await withPictures(PEER_PICTURES, PEER_MADE!);

app.get("*", async (c) => {
  const kept = cache.get(c.req.path);
  const page = kept && kept.until > Date.now() ? kept : await load(c.req.path);
  if (!page) return c.notFound();
  const form = c.req.header("accept-encoding")?.includes("gzip") ? page.packed : page.plain;
  if (c.req.header("if-none-match") === form.etag) return c.body(null, 304, form.headers);
  return c.body(form.body, 200, form.headers);
});

const tls = PEER_CERTIFICATE ? { cert: Bun.file(PEER_CERTIFICATE), key: Bun.file(PEER_KEY!) } : undefined;

export default { port: Number(PEER_PORT), hostname: "127.0.0.1", tls, fetch: app.fetch };
