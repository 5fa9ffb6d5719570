import { Duration } from '@vesemir/contract'
import { z } from 'zod'

/** Where a Chef server's API is, its organisation included. Credentials have no place in it: they would be logged. */
export const ServerUrl = z
  .string()
  .refine(isServerUrl, {
    error: 'must be the http(s) URL of a Chef server, such as "https://chef.example/organizations/shop"',
  })
  .meta({
    description: 'The Chef server, such as "https://chef.example/organizations/shop".',
    examples: ['https://chef.example/organizations/shop'],
  })

/** A Chef client's or user's name: it is signed as a line, and sent as a header. */
export const ClientName = z.string().regex(/^[\x21-\x7e]{1,255}$/, { error: 'must be a name in ASCII without spaces' })

const dotted = z
  .string()
  .min(1)
  .transform((path) => path.split('.'))

const keys = z.array(z.string().min(1)).min(1)

/**
 * Where a node keeps something: `cloud.local_ipv4`, with a number for an item of a list (`cloud.public_ipv4_addrs.0`). In a
 * list of several the first that the node has counts. One whose keys have dots is a list of keys in that list.
 */
const AttributePath = z.union([
  dotted.transform((path) => [path]),
  z
    .array(z.union([dotted, keys]))
    .min(1)
    .max(10),
])

/** The one attribute that is searched for: its path, also as a list of keys, joined by "_" is the field's name in Chef's index. */
const SearchedPath = z
  .union([keys, dotted])
  .refine((path) => path.every((key) => /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(key)), {
    error: 'must be attribute names of letters, digits, "_" and "-"',
  })

const Attributes = z.strictObject({
  application: SearchedPath.default(['application']).meta({
    title: 'attribute',
    description: 'The attribute that holds the name of the application.',
    examples: ['app'],
  }),
  team: SearchedPath.default(['team']).meta({
    title: 'attribute',
    description: 'The attribute that holds the team.',
    examples: ['team'],
  }),
  address: AttributePath.default([['ipaddress']]).meta({
    description: 'The address that SSH connects to, such as "ipaddress", "fqdn" or "cloud.local_ipv4".',
    title: 'attribute, or list of attributes',
    examples: ['cloud.local_ipv4'],
  }),
  sshPort: AttributePath.optional().meta({
    title: 'attribute, or list of attributes',
    description: 'The SSH port of the node. Default: remoteShell.port.',
    examples: ['ssh.port'],
  }),
  sshUser: AttributePath.optional().meta({
    title: 'attribute, or list of attributes',
    description: 'The SSH user of the node. Default: remoteShell.user.',
    examples: ['ssh.user'],
  }),
  jumpHost: AttributePath.optional().meta({
    description: 'Through which of remoteShell.namedJumpHosts a host is reached, or "none".',
    title: 'attribute, or list of attributes',
    examples: ['bastion'],
  }),
  zone: AttributePath.optional().meta({
    description: 'Such as "cloud.availability_zone" or "gce.instance.zone".',
    title: 'attribute, or list of attributes',
    examples: ['cloud.availability_zone'],
  }),
})

/** Settings of the Chef inventory. What is not given is read from a Chef credentials file. */
export const ChefOptions = z.strictObject({
  kind: z.literal('chef'),
  credentialsFile: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'Default: CHEF_CREDENTIALS_FILE, then ~/.chef/credentials.',
      examples: ['/etc/vesemir/chef-credentials'],
    }),
  profile: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'Of the credentials file. Default: CHEF_PROFILE, then ~/.chef/context, then "default".',
      examples: ['production'],
    }),
  serverUrl: ServerUrl.optional(),
  clientName: ClientName.optional().meta({
    description: 'The client or user that asks. Default: that of the credentials file.',
    examples: ['vesemir'],
  }),
  clientKey: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "The path of the client's RSA key, or the PEM itself.", examples: ['/etc/vesemir/chef.pem'] }),
  trustedCerts: z
    .string()
    .min(1)
    .optional()
    .meta({
      description:
        "A folder of certificates (*.crt, *.pem) that the server's may be signed by. Default: the profile's, then ~/.chef/trusted_certs.",
      examples: ['/etc/vesemir/trusted-certs'],
    }),
  signing: z.enum(['1.3', '1.1', '1.0']).default('1.3').meta({
    description: 'The signing protocol: 1.3 (SHA-256), or one of the older ones for a server that wants it.',
  }),
  timeout: Duration.default('10s').meta({ description: 'For one request.' }),
  pageSize: z.int().min(1).max(10_000).default(1000).meta({ description: 'Nodes per page of a search.' }),
  attributes: Attributes.prefault({}).meta({ description: 'Where nodes keep what is needed of them.' }),
  staleAfter: Duration.default('24h').meta({ description: 'Time since the last successful run of chef-client.' }),
  onStale: z.enum(['tell', 'skip', 'refuse']).default('tell').meta({
    description: "What to do about a stale node. A load balancer's box is never skipped, only reported.",
  }),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'An OpenSSH known_hosts file, whose keys are accepted besides those that Chef has.',
      examples: ['/etc/vesemir/known_hosts'],
    }),
})
export type ChefOptions = z.infer<typeof ChefOptions>
export type AttributePaths = ChefOptions['attributes']

function isServerUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false
  return !url.username && !url.password && !url.search && !url.hash
}
