import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { VesemirError } from '@vesemir/core'
import { z } from 'zod'
import { readAll } from '../settings/index.ts'

const File = z.string().startsWith('/', { error: 'is not an absolute path' })

/** The files with which a server shows who it is: in PEM, the certificate with those between it and its authority. */
export const ServerTls = z.strictObject({
  certificate: File.meta({
    description: 'The certificate in PEM, with those between it and its authority.',
    examples: ['/etc/vesemir/tls/cert.pem'],
  }),
  key: File.meta({ description: 'The private key in PEM.', examples: ['/etc/vesemir/tls/key.pem'] }),
})
export type ServerTls = z.infer<typeof ServerTls>

/** What a connection to a `rediss:` address needs besides; all in PEM. */
export const RedisTls = z
  .strictObject({
    ca: File.optional().meta({
      description: "The authorities that may have signed Redis's certificate, in PEM. Default: those of Node.js.",
      examples: ['/etc/vesemir/redis-ca.pem'],
    }),
    certificate: File.optional().meta({
      description: 'The certificate to show to Redis (`tls-auth-clients`), in PEM.',
      examples: ['/etc/vesemir/redis-cert.pem'],
    }),
    key: File.optional().meta({
      description: 'The private key of the certificate, in PEM.',
      examples: ['/etc/vesemir/redis-key.pem'],
    }),
    serverName: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .meta({
        description: "The name in Redis's certificate, where the address has another.",
        examples: ['redis.example'],
      }),
  })
  .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
    error: 'needs both certificate and key, or neither',
  })
export type RedisTls = z.infer<typeof RedisTls>

/**
 * Reads the files of a server, and checks that certificate and key belong together.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export async function readServerTls({ certificate, key }: ServerTls): Promise<{ cert: string; key: string }> {
  const [cert, secret] = await readAll([readPem('tls.certificate', certificate), readPem('tls.key', key)])
  const files = { cert, key: secret }
  checked('tls', files)
  return files
}

/**
 * Reads what a connection to Redis or a Sentinel is made with. `setting` is the name of the settings.
 * @throws {VesemirError} `CONFIG_INVALID`
 */
export async function readRedisTls(
  { ca, certificate, key, serverName }: RedisTls,
  setting: string,
): Promise<SecureContextOptions & { servername?: string }> {
  const read = (name: string, file: string | undefined) => file && readPem(`${setting}.${name}`, file)
  const [authorities, cert, secret] = await readAll([
    read('ca', ca),
    read('certificate', certificate),
    read('key', key),
  ])
  const files = {
    ...(authorities && { ca: authorities }),
    ...(cert && { cert }),
    ...(secret && { key: secret }),
  }
  checked(setting, files)
  return { ...files, ...(serverName && { servername: serverName }) }
}

async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new VesemirError('CONFIG_INVALID', `${setting}: ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** Nothing of the files is quoted: one is a private key. */
function checked(setting: string, files: SecureContextOptions): void {
  try {
    createSecureContext(files)
  } catch (cause) {
    const { code = 'not PEM' } = cause as NodeJS.ErrnoException
    throw new VesemirError('CONFIG_INVALID', `${setting}: certificate and key cannot be used together (${code})`)
  }
}
