/**
 * 31 bits, which V8 keeps in a field as they are, of a function type's number and an instance id, all of them well mixed: the index takes its table from the upper
 * ones and the place in it from the lower ones.
 */
export function hashKey(type: number, id: string): number {
  // The mixing of MurmurHash3 over UTF-16 units.
  let hash = Math.imul(type + 1, 0x9e3779b1)
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ Math.imul(id.charCodeAt(i), 0xcc9e2d51), 0x1b873593)
    hash = (hash << 13) | (hash >>> 19)
  }
  hash ^= id.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 1
}
