import { z } from 'zod'
import { deploymentIdPattern, describeInvalidId } from './deployment-id.ts'
import { durationPattern } from './duration.ts'
import { hasPlainSecret } from './plain-secret.ts'
import { quoteValue } from './quote-value.ts'

const expected = (what: string) => ({
  error: (issue: { input?: unknown }) => `${quoteValue(issue.input)} is not ${what}`,
})

/** Names an application, environment, team, cluster, tag or role: it reaches Chef queries, paths and keys unchanged. */
export const Name = z
  .string(expected('a name'))
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,99}$/, expected('a name: letters, digits, "_", "-", "." and "@", at most 100'))
  .meta({ title: 'name' })

/** What is to run: a version as the artifact's URL and the health check know it. Each part between slashes is a plain name. */
export const Version = z
  .string(expected('a version'))
  .max(100, expected('a version of at most 100 characters'))
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._+-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+-]*)*$/,
    expected(
      'a version: letters, digits, ".", "_", "+" and "-", and between such names "/", each starting with a letter or digit',
    ),
  )

export const DeploymentId = z.string().regex(deploymentIdPattern, { error: ({ input }) => describeInvalidId(input) })

/** A plan that is kept, and can be deployed as it is. */
export const PlanId = z.string(expected('a plan')).regex(/^p-[1-9]\d{0,14}$/, expected('a plan\'s id, such as "p-7"'))

/** A host's name as the inventory has it: the label of records, jobs and log lines. */
export const HostName = z
  .string(expected('a host name'))
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/, expected('a host name'))
  .meta({ title: 'host name', examples: ['web-1'] })

/** A name inside HAProxy (backend or server). Others could end a command line on its socket (management guide, 9.3). */
export const HaproxyName = z
  .string(expected('a name'))
  .regex(/^[A-Za-z0-9_.:-]{1,100}$/, expected('a HAProxy name: letters, digits, "_", "-", "." and ":"'))
  .meta({ title: 'HAProxy name', examples: ['payments'] })

/** A span of time as people write it: `500ms`, `30s`, `5m`, `1h30m`, `90d`. `durationMs` gives its milliseconds. */
export const Duration = z
  .string(expected('a duration such as "30s" or "5m"'))
  .max(20)
  .regex(durationPattern, expected('a duration such as "500ms", "30s", "5m" or "1h30m"'))
  .meta({ title: 'duration', examples: ['1h30m'] })

/** `1%` to `100%`. `percentOf` applies it. */
export const Percent = z
  .string(expected('a percentage from "1%" to "100%"'))
  .regex(/^(?:[1-9]\d?|100)%$/, expected('a percentage from "1%" to "100%"'))
  .meta({ title: 'percentage', examples: ['25%'] })

/** How many hosts: a number from 1, or a percentage of all hosts. */
export const Concurrency = z
  .union([z.int().min(1).max(10_000), Percent], {
    error: ({ input }) => `${quoteValue(input)} is not a number of hosts from 1, or a percentage from "1%" to "100%"`,
  })
  .meta({ title: 'number of hosts, or percentage', examples: ['25%'] })

/** How many servers at the least: a number from 0, or a percentage of a backend's servers. */
export const Quantity = z
  .union([z.int().min(0).max(10_000), Percent], {
    error: ({ input }) => `${quoteValue(input)} is not a number of servers from 0, or a percentage from "1%" to "100%"`,
  })
  .meta({ title: 'number, or percentage', examples: ['50%'] })

/** An absolute path on a host, without anything a shell or `..` could make more of. {host} stands for the host's name. */
export const HostPath = z
  .string(expected('a path'))
  .regex(
    /^(?:\/(?:[A-Za-z0-9_@+-]|\{host\})(?:[A-Za-z0-9_.@+-]|\{host\})*)+\/?$/,
    expected('an absolute path of plain names, such as "/srv/payments"'),
  )
  .max(255)
  .meta({ title: 'path on the host', examples: ['/srv/payments'] })

/** A path below a folder, of plain names; a folder's ends in "/". */
export const RelativePath = z
  .string(expected('a path'))
  .regex(
    /^(?:(?!-|\.{1,2}(?:\/|$))[A-Za-z0-9_.@+-]+(?:\/(?!$)|\/?$))+$/,
    expected('a path of plain names below the release, such as "config/app.yml", or "log/" for a folder'),
  )
  .max(255)
  .meta({ title: 'path in the release', examples: ['config/app.yml'] })

/** A command line for the host's `sh -c`, one line, without secrets: it is shown to all, and processes show theirs on the host. */
export const CommandLine = z
  .string(expected('a command'))
  .max(4000, { abort: true })
  .refine((command) => !hasPlainSecret(command), {
    error:
      'holds a plain secret: give it to the command as a variable of environment, {secret: NAME}, and write $VARIABLE',
    abort: true,
  })
  .min(1, expected('a command'))
  // oxlint-disable-next-line no-control-regex -- control characters are what this refuses
  .regex(/^[^\u0000-\u001f\u007f]+$/, expected('one line without control characters'))
  .meta({ title: 'command', examples: ['sudo systemctl restart payments'] })

/** A moment, ISO 8601 in UTC with milliseconds. */
export const Timestamp = z.iso.datetime()

/** Names a request to the API, by whoever sent it or by the API. */
export const RequestId = z
  .string()
  .regex(/^[\w.:@+/=-]{1,128}$/)
  .meta({ description: 'The id of the request, as `x-request-id` has it.' })

/** Where a request stands in a trace (W3C Trace Context, 3.2: version, trace, span, flags). */
export const Traceparent = z
  .string()
  .regex(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/)
  .meta({ description: 'The W3C trace context of the request.' })

/** Names the time from when Redis was empty, or had lost data, until it loses some again. */
export const Epoch = z.string().regex(/^[0-9a-f]{1,32}$/)
