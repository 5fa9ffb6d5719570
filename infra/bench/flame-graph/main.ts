// `node infra/bench/flame-graph/main.ts <profile.cpuprofile> <picture.svg> <title>`: draws what `--cpu-prof` has written.
import { readFile, writeFile } from 'node:fs/promises'
import { drawFlameGraph } from './draw-flame-graph.ts'
import { readProfile, type CpuProfile } from './read-profile.ts'

const [profilePath, picturePath, title] = process.argv.slice(2)
if (!profilePath || !picturePath || !title) throw new Error('usage: main.ts <profile.cpuprofile> <picture.svg> <title>')
const profile = JSON.parse(await readFile(profilePath, 'utf8')) as CpuProfile
await writeFile(picturePath, drawFlameGraph(readProfile(profile), title))
