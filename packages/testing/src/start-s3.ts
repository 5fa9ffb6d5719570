import { createServer, type RequestListener } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import { isSigned } from './is-signed.ts'
import { startServer } from './start-server.ts'

/** An S3-compatible server, of the npm package s3rver. That believes every signature of version 4; here each is checked before. */
export interface S3Server extends AsyncDisposable {
  endpoint: string
  bucket: string
  accessKeyId: string
  secret: string
  /** The folder that holds what is in the bucket. */
  folder: string
}

/** s3rver knows one account. */
const account = { accessKeyId: 'S3RVER', secret: 'S3RVER' }

/** Starts a server with one bucket on a free loopback port. */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'vesemir-s3-'))
  const bucket = 'archive'
  const s3 = new S3rver({ directory, silent: true, configureBuckets: [{ name: bucket }] })
  await s3.configureBuckets()
  const server = await startServer(createServer(checked(s3.callback())))
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    bucket,
    ...account,
    folder: join(directory, bucket),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

function checked(handle: RequestListener): RequestListener {
  return (request, response) => {
    if (isSigned(request, account.secret)) return handle(request, response)
    response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
  }
}
