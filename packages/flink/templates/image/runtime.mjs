// Lays out a root file system with Node and what it needs to run, and nothing else: node runtime.mjs <folder> [<empty folder>]
import { copyFileSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [target, volume] = process.argv.slice(2)
if (volume !== undefined) mkdirSync(volume, { recursive: true })

function place(path, content) {
  const to = join(target, path)
  mkdirSync(dirname(to), { recursive: true })
  if (typeof content === 'string') writeFileSync(to, content)
  else writeFileSync(to, content, { mode: 0o755 })
}

/**
 * An ELF program without what is never loaded: symbols, debug information and the table of sections behind the last
 * segment. The same as `strip`, which slim images lack.
 */
function stripped(program) {
  if (program.readUInt32BE(0) !== 0x7f454c46 || program[4] !== 2) throw new Error('not a 64-bit ELF program')
  const tableAt = Number(program.readBigUInt64LE(32))
  const [entrySize, entries] = [program.readUInt16LE(54), program.readUInt16LE(56)]
  let end = tableAt + entries * entrySize
  for (let index = 0; index < entries; index++) {
    const at = tableAt + index * entrySize
    end = Math.max(end, Number(program.readBigUInt64LE(at + 8) + program.readBigUInt64LE(at + 32)))
  }
  const kept = Buffer.from(program.subarray(0, end))
  kept.writeBigUInt64LE(0n, 40)
  kept.writeUInt16LE(0, 60)
  kept.writeUInt16LE(0, 62)
  return kept
}

place('usr/local/bin/node', stripped(readFileSync(process.execPath)))
for (const library of process.report.getReport().sharedObjects) {
  if (!library.startsWith('/')) continue // the kernel's own
  const to = join(target, library)
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(realpathSync(library), to)
}
place('etc/passwd', 'root:x:0:0:root:/:/\nnonroot:x:65532:65532:nonroot:/app:/\n')
place('etc/group', 'root:x:0:\nnonroot:x:65532:\n')
place('etc/nsswitch.conf', 'hosts: files dns\n')
