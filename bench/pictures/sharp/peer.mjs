// Develops one photo per line of stdin with sharp, and answers with a line; measured from outside.
import { createInterface } from "node:readline"
import { join } from "node:path"
import sharp from "sharp"

const ALL = [400, 800, 1200, 1600]

const save = (image, format, options, folder, width) =>
  image[format](options).toFile(join(folder, `${width}.${format === "jpeg" ? "jpg" : format}`))

// As sharp's own examples have it: a pipeline for each file that is wanted.
async function pipelines({ file, folder, formats, widths }) {
  for (const [index, width] of widths)
    for (const [format, options] of Object.entries(formats))
      await save(sharp(file).autoOrient().resize({ width, withoutEnlargement: true }), format, at(options, index), folder, width)
}

// As our workers have it: decoded once, each width made from the one above it.
async function chain({ file, folder, formats, widths }) {
  let source = sharp(file).autoOrient()
  for (const [index, width] of [...widths].reverse()) {
    const { data, info } = await source.resize({ width, withoutEnlargement: true }).raw().toBuffer({ resolveWithObject: true })
    const raw = { raw: { width: info.width, height: info.height, channels: info.channels } }
    for (const [format, options] of Object.entries(formats))
      await save(sharp(data, raw), format, at(options, index), folder, width)
    source = sharp(data, raw)
  }
}

// A list is one value for each width.
const at = (options, index) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [name, Array.isArray(value) ? value[index] : value]))

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line)
  task.widths = [...ALL.entries()].filter(([, width]) => task.widths.includes(width))
  await (task.chain ? chain : pipelines)(task)
  console.log("{}")
}
