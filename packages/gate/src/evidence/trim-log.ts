import { open, rename, stat, unlink } from 'node:fs/promises'

const PIECE_BYTES = 1024 * 1024

/**
 * Keeps the beginning and the end of a log that nobody writes to any more; the middle is replaced by a line that says how
 * much is gone.
 *
 * @returns whether something was taken out
 */
export async function trimLog(path: string, mostBytes: number): Promise<boolean> {
  const { size } = await stat(path)
  if (size <= mostBytes) return false
  const half = Math.floor(mostBytes / 2)
  const trimmed = `${path}.trimmed`
  const from = await open(path, 'r')
  try {
    const to = await open(trimmed, 'w')
    try {
      const piece = Buffer.alloc(PIECE_BYTES)
      const copy = async (begin: number, end: number) => {
        for (let at = begin; at < end; ) {
          const { bytesRead } = await from.read(piece, 0, Math.min(PIECE_BYTES, end - at), at)
          if (bytesRead === 0) return
          await to.write(piece.subarray(0, bytesRead))
          at += bytesRead
        }
      }
      await copy(0, half)
      await to.write(`\n… ${size - 2 * half} bytes were left out here …\n`)
      await copy(size - half, size)
    } finally {
      await to.close()
    }
    await rename(trimmed, path)
  } catch (error) {
    await unlink(trimmed).catch(() => undefined)
    throw error
  } finally {
    await from.close()
  }
  return true
}
