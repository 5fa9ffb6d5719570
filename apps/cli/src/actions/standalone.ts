import { untilSignalled } from '@vesemir/process/lifecycle'
import { exitCodes } from '../exit-codes.ts'
import { jsonLine } from '../render/json.ts'
import type { Output } from '../session.ts'
import { openDataFolder } from '../standalone/data-folder.ts'
import { findServer } from '../standalone/find-server.ts'
import { startServices } from '../standalone/start-services.ts'
import { welcomeLines } from '../standalone/welcome.ts'

export interface StandaloneOptions {
  data?: string
  host: string
  port: number
}

/** A terminal that is closed ends it as Ctrl-C does. After a second signal, Linux ends the children. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs all of Vesemir in child processes until a signal comes, or until one of them ends by itself. */
export async function standalone({ data, host, port }: StandaloneOptions, output: Output): Promise<number> {
  const server = findServer()
  const signalled = untilSignalled(endingSignals)
  await using folder = await openDataFolder(data, process.env)
  await using services = await startServices({ folder, server, host, port })
  const { url } = services
  const { path, token } = folder
  if (output.json) output.write(jsonLine({ url, data: path, ...(token === undefined ? {} : { token }) }))
  else welcomeLines({ url, path, token }).forEach(output.print)
  await Promise.race([signalled, services.failure])
  output.notify(['Stopping. Work in progress resumes on next start.'])
  return exitCodes.succeeded
}
