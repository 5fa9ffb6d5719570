import { createClient, type Client } from '@vesemir/contract'
import type { Config } from './config.ts'
import { httpFetch, openEventSource } from './http.ts'

/** Gives what speaks to the API, by means that are loaded fast. */
export function openClient({ url, token }: Config): Client {
  return createClient({ url, token, fetch: httpFetch, openMessages: openEventSource })
}
