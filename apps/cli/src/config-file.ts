import { z } from 'zod'
import { complaintOfToken, complaintOfUrl } from './config.ts'
import { parseYaml } from '@vesemir/process/settings'

const complainedBy = (complaintOf: (text: string) => string | undefined) =>
  z.string({ error: 'is not a text' }).superRefine((text, context) => {
    const complaint = complaintOf(text)
    if (complaint !== undefined) context.addIssue(complaint)
  })

/** The settings of the command line, as a person or `vesemir login` writes them. */
export const ConfigFile = z
  .strictObject({
    url: complainedBy(complaintOfUrl)
      .optional()
      .meta({ description: 'The address of the API.', examples: ['https://vesemir.example'] }),
    token: complainedBy(complaintOfToken)
      .optional()
      .meta({
        description: 'An access token. `vesemir login` writes it.',
        examples: ['the output of openssl rand -hex 32'],
      }),
  })
  .nullable()

/** Reads the text of the settings file. @throws {VesemirError} `CONFIG_INVALID`, with the places of what is wrong */
export function parseConfigFile(text: string, file: string): z.output<typeof ConfigFile> {
  return parseYaml(text, { schema: ConfigFile, file, code: 'CONFIG_INVALID' })
}
