import { describe, expect, it } from 'vitest'
import { parseS3Url, showLocation } from './s3-location.ts'

const none = { endpoint: undefined, region: undefined, pathStyle: undefined }

describe('an s3: URL', () => {
  it.each([
    ['s3://my-bucket', { bucket: 'my-bucket', prefix: '', ...none }, 's3://my-bucket'],
    ['s3://my.bucket/', { bucket: 'my.bucket', prefix: '', ...none }, 's3://my.bucket'],
    ['s3://my-bucket/a/b%20c/', { bucket: 'my-bucket', prefix: 'a/b c', ...none }, 's3://my-bucket/a/b c'],
    [
      's3://abc/app?endpoint=http://127.0.0.1:9000&region=eu-central-1&path-style=false',
      {
        bucket: 'abc',
        prefix: 'app',
        endpoint: 'http://127.0.0.1:9000',
        region: 'eu-central-1',
        pathStyle: false,
      },
      's3://abc/app',
    ],
  ])('%s is read', (url, location, shown) => {
    expect(parseS3Url(url)).toEqual(location)
    expect(showLocation(parseS3Url(url))).toBe(shown)
  })

  it.each([
    ['my-bucket/app', 'no URL'],
    ['https://my-bucket/app', 'no place in S3'],
    ['s3://my-bucket:9000/app', 'no place in S3'],
    ['s3:///app', 'no'],
    ['s3://ab/app', 'cannot be the name'],
    ['s3://abc/app?endpoint=minio:9000', 'endpoint'],
    ['s3://abc/app?endpoint=http://user:secret@minio', 'endpoint'],
    ['s3://abc/app?path-style=yes', 'path-style'],
    ['s3://abc/%', 'cannot be decoded'],
  ])('%s is refused', (url, message) => {
    expect(() => parseS3Url(url)).toThrow(
      expect.objectContaining({ code: 'SF_S3_URL', message: expect.stringContaining(message) }),
    )
  })

  it('with a parameter that is spelled wrong names the right one', () => {
    expect(() => parseS3Url('s3://abc/app?pathStyle=true')).toThrow(
      expect.objectContaining({ code: 'SF_S3_URL', hint: 'did you mean "path-style"?' }),
    )
  })

  it('with credentials is refused without showing them', () => {
    let error: unknown
    try {
      parseS3Url('s3://AKIAXYZ:wJalrXUtnFEMI@abc/app')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'SF_S3_URL', hint: expect.stringContaining('AWS_ACCESS_KEY_ID') })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/AKIAXYZ|wJalrXUtnFEMI/)
  })
})
