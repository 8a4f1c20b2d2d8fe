import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const ENTRY = 0x02014b50
const DEFLATED = 8

/**
 * The texts of a jar's files whose names match, by name. Jars are plain zip files: the directory stands at the end, and says
 * where each file begins.
 */
export function readJar(path: string, wanted: RegExp): ReadonlyMap<string, string> {
  const zip = readFileSync(path)
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || zip.readUInt32LE(end) !== END) throw new Error(`${path} is no jar`)
  const texts = new Map<string, string>()
  let at = zip.readUInt32LE(end + 16)
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error(`the directory of ${path} is damaged`)
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    )
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength!)
    if (wanted.test(name)) texts.set(name, contentOf(zip, at))
    at += 46 + nameLength! + extraLength! + commentLength!
  }
  return texts
}

function contentOf(zip: Buffer, entry: number): string {
  const compressed = zip.readUInt32LE(entry + 20)
  const header = zip.readUInt32LE(entry + 42)
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const bytes = zip.subarray(start, start + compressed)
  return (zip.readUInt16LE(entry + 10) === DEFLATED ? inflateRawSync(bytes) : bytes).toString('utf8')
}
