import { parseDocument, type ScalarTag } from 'yaml'
import { vaulted } from './unread.ts'

/** As often as an anchor may be used: once for each host of a large fleet, and not so often that a small file is endless. */
const maxAliasCount = 20_000

const customTags: ScalarTag[] = [
  { tag: '!vault', resolve: () => vaulted },
  { tag: '!vault-encrypted', resolve: () => vaulted },
  { tag: '!unsafe', resolve: (text: string) => text },
]

/**
 * Reads YAML as Ansible does (PyYAML: YAML 1.1, with merge keys and Ansible's own tags). Mappings are Maps, whose keys may be
 * anything; dates stay texts.
 * @throws {Error} in words, without what stands in the file
 */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, {
    version: '1.1',
    merge: true,
    logLevel: 'silent',
    customTags: (tags) => [
      ...tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
      ...customTags,
    ],
  })
  // An unknown tag is a warning to the parser, which then takes its text for the value; Ansible refuses it.
  const [problem] = [...document.errors, ...document.warnings]
  if (!problem) return document.toJS({ mapAsMap: true, maxAliasCount })
  // The parser's own message quotes the lines around the mistake, and a password may stand there.
  const [at] = problem.linePos ?? []
  throw new Error(`it is not valid YAML at line ${at?.line}, column ${at?.col} (${problem.code})`)
}
