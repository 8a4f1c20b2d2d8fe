/**
 * Types from protobuf-es schemas; needs the package `@bufbuild/protobuf`.
 *
 * @module
 */
export { protobufType } from '@statefun/protocol/protobuf'
