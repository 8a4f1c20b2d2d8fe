export { parseS3Url, type S3Location } from './s3-location.ts'
export { type S3Options, s3ObjectStore } from './s3-object-store.ts'
export { s3Places } from './s3-places.ts'
