{ results: $r }
