import { loadConfig } from '../../cli/load-config.ts'
import type { RoleName } from '../../cli/roles/role.ts'
import { runRole } from '../../cli/roles/run-role.ts'

/** `meshwatch run --role`: `node role-main.ts ROLE CONFIG`. */
const [role, path] = process.argv.slice(2)
await runRole(role as RoleName, await loadConfig(path))
