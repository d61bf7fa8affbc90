# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared by lib/*.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pgp - GnuPG homes, and a sipseald with its rules on each guard.

READY_MS=60000
COUNTER_MS=${TESTBED_EVENT_MS:-60000}

# Two words for a guard: its own user's name and the other's.
names_of() # GUARD
{
	if [ "$1" = "$GUARD_A" ]; then
		echo "alice bob"
	else
		echo "bob alice"
	fi
}

daemon_mark()
{
	echo 0x5349
}

daemon_dir() # GUARD
{
	echo "$RUN/$1/daemon"
}

# As the daemon's user, in the guard's namespace, where it is found and ended.
gpg_at() # GUARD OPTION...
{
	local guard=$1

	shift
	in_node "$guard" setpriv --reuid "$DAEMON_USER" \
		--regid "$(id -gn "$DAEMON_USER")" --clear-groups \
		env -i HOME="$(daemon_dir "$guard")" PATH="$PATH" LC_ALL=C \
		gpg --homedir "$(daemon_dir "$guard")/gnupg" --batch --quiet \
		--no-tty --passphrase '' "$@"
}

gpg_must() # GUARD OPTION...
{
	local said

	said=$(gpg_at "$@" 2>&1) ||
		die "gpg fails in $1: $(tail -n 1 <<<"$said")"
}

# Reads all that gpg says: with pipefail, who is not heard out has failed.
fingerprint_at() # GUARD USER
{
	gpg_at "$1" --with-colons --list-keys "<sip:$2@$DOMAIN>" 2>/dev/null |
		awk -F : '$1 == "fpr" && !n++ { print $10 }'
}

# A key for the guard's user (--key), in a fresh home.
home_make() # GUARD
{
	local me you home

	read -r me you <<<"$(names_of "$1")"
	home=$(daemon_dir "$1")/gnupg
	mkdir -p "$home"
	chown -R "$DAEMON_USER:$(id -gn "$DAEMON_USER")" "$(daemon_dir "$1")"
	chmod 755 "$(daemon_dir "$1")"
	chmod 700 "$home"
	gpg_must "$1" --quick-gen-key "${me^} <sip:$me@$DOMAIN>" \
		"$KEY" sign never
}

# The other's key: taken over, certified, and its owner trusted to certify.
home_trust() # GUARD OTHER-GUARD
{
	local me you key fpr

	read -r me you <<<"$(names_of "$1")"
	key=$(daemon_dir "$1")/$you.asc
	gpg_at "$2" --armor --export "<sip:$you@$DOMAIN>" >"$key"
	chmod 644 "$key"
	gpg_must "$1" --import "$key"
	fpr=$(fingerprint_at "$1" "$you")
	[ -n "$fpr" ] || die "no key of $you in $1 after its import"
	gpg_must "$1" --yes --quick-sign-key "$fpr"
	echo "$fpr:5:" >"$(daemon_dir "$1")/ownertrust"
	chmod 644 "$(daemon_dir "$1")/ownertrust"
	gpg_must "$1" --import-ownertrust "$(daemon_dir "$1")/ownertrust"
}

homes_make()
{
	home_make "$GUARD_A"
	home_make "$GUARD_B"
	home_trust "$GUARD_A" "$GUARD_B"
	home_trust "$GUARD_B" "$GUARD_A"
}

# What the guard's daemon is told. --conf and --policy add lines.
daemon_write_conf() # GUARD
{
	local dir

	dir=$(daemon_dir "$1")
	cat >"$dir/sipseald.conf" <<-END
		realm = "$1.$DOMAIN"
		user = "$DAEMON_USER"
		gnupg-home = "$dir/gnupg"
		state-dir = "$dir/state"
		control = "$dir/control"
		$(grep -q '^ *log-level' <<<"$CONF_EXTRA" ||
			echo 'log-level = "debug"')
		$CONF_EXTRA
		peer "sip:*@$DOMAIN" {
		        mode = $MODE
		        $POLICY_EXTRA
		}
	END
}

rules_install() # GUARD
{
	local said
	local -a place=(--place host)

	case $TOPOLOGY in
	edge) place=(--place router --lan eth-lan) ;;
	bridge) place=(--place bridge --lan eth-lan) ;;
	esac
	said=$(in_node "$1" "$RULES" install "${place[@]}" --port 5060 2>&1) ||
		die "the rules can't be installed in $1: $said"
}

daemon_start() # GUARD
{
	local log dir before

	dir=$(daemon_dir "$1")
	log=$(proc_log sipseald "$1")
	before=$(grep -c ready "$log" 2>/dev/null) || :
	proc_start sipseald "$1" "$SIPSEALD" -c "$dir/sipseald.conf"
	"$TOOLS/await" -t $READY_MS -n $((${before:-0} + 1)) \
		-p "$(proc_pid sipseald "$1")" "$log" '\<ready\>' >/dev/null ||
		die "sipseald does not start in $1: $(tail -n 1 "$log")"
}

daemon_kill() # GUARD
{
	proc_stop sipseald "$1" KILL
}

guards_start()
{
	local g

	homes_make
	for g in "$GUARD_A" "$GUARD_B"; do
		daemon_write_conf "$g"
		rules_install "$g"
	done
	for g in "$GUARD_A" "$GUARD_B"; do
		daemon_start "$g"
	done
}

daemon_status() # GUARD [OPTION...]
{
	local guard=$1

	shift
	"$SIPSEALCTL" -s "$(daemon_dir "$guard")/control" status "$@"
}

counter() # GUARD NAME
{
	local json

	json=$(daemon_status "$1" -j 2>/dev/null) || :
	[[ $json =~ \"$2\":\ *([0-9]+) ]] || {
		echo 0
		return
	}
	echo "${BASH_REMATCH[1]}"
}

# Until it is at least N.
counter_await() # GUARD NAME N [MS]
{
	local end=$((SECONDS + (${4:-$COUNTER_MS} + 999) / 1000))

	while [ "$(counter "$1" "$2")" -lt "$3" ]; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

guards_keep() # DIRECTORY
{
	local g

	for g in "$GUARD_A" "$GUARD_B"; do
		cp "$(proc_log sipseald "$g")" "$1/sipseald-$g.log" || :
		daemon_status "$g" -j >"$1/sipseald-$g.json" 2>/dev/null || :
	done
	[ ! -d "$(daemon_dir proxy)" ] || {
		cp "$(proc_log sipseald proxy)" "$1/sipseald-proxy.log"
		daemon_status proxy -j >"$1/sipseald-proxy.json" 2>/dev/null
	} || :
}

# --- keys that change ---------------------------------------------------------

# Until "sipsealctl check" of a user says something.
daemon_says() # GUARD USER REGEX
{
	local end=$((SECONDS + EVENT_MS / 1000))

	until "$SIPSEALCTL" -s "$(daemon_dir "$1")/control" -q \
		check "sip:$2@$DOMAIN" 2>/dev/null | grep -Eq -- "$3"; do
		[ $SECONDS -lt $end ] ||
			wrong "the daemon in $1 never says of $2: $3" ||
			return 1
		sleep 0.1
	done
}

# The other's keys as he has them now, certified by nobody, for his old ones.
keys_uncertified() # GUARD OTHER-GUARD
{
	local me you key fpr

	read -r me you <<<"$(names_of "$1")"
	: "$me"
	fpr=$(fingerprint_at "$1" "$you")
	[ -z "$fpr" ] || gpg_must "$1" --yes --delete-keys "$fpr"
	key=$(daemon_dir "$1")/$you-again.asc
	gpg_at "$2" --armor --export "<sip:$you@$DOMAIN>" >"$key"
	chmod 644 "$key"
	gpg_must "$1" --import "$key"
	daemon_says "$1" "$you" "^key $(fingerprint_at "$1" "$you")"
	daemon_says "$1" "$you" 'does not hold this user ID valid'
}

# The user's secret key goes; nothing else of it.
secret_removed() # GUARD
{
	local me you

	read -r me you <<<"$(names_of "$1")"
	: "$you"
	gpg_must "$1" --yes --delete-secret-keys "$(fingerprint_at "$1" "$me")"
	daemon_says "$1" "$me" '^as a local user: no secret key'
}

# What works on the guard's home as a program of GnuPG. An agent is not asked: as
# a connection ends, it wakes itself, and could not be stopped for sure.
gnupg_pids() # GUARD PROGRAM
{
	local pid

	for pid in $(pgrep -x "$2"); do
		! grep -qzF "$(daemon_dir "$1")/gnupg" "/proc/$pid/cmdline" ||
			echo "$pid"
	done 2>/dev/null
}

agent_pid() # GUARD
{
	gnupg_pids "$1" gpg-agent
}

# Until the daemon waits for a signature.
await_job() # GUARD
{
	local end=$((SECONDS + EVENT_MS / 1000))

	until [ "$(daemon_status "$1" -j 2>/dev/null |
		jq '.crypto_busy')" -gt 0 ]; do
		[ $SECONDS -lt $end ] ||
			wrong "the daemon in $1 never waits for a signature" ||
			return 1
		sleep 0.05
	done
}

# A key with a passphrase for the user, in the place of the one that is there,
# certified by the other; and a pinentry that says what the file "pin" holds.
# Without it nobody answers.
key_protect() # GUARD OTHER-GUARD PASSPHRASE
{
	local dir me you

	dir=$(daemon_dir "$1")
	read -r me you <<<"$(names_of "$1")"
	cat >"$dir/pinentry" <<-END
		#!/bin/sh
		echo OK
		while read -r word rest; do
			case \$word in
			GETPIN)
				echo asked >>$dir/asked
				[ ! -s $dir/pin ] || cat $dir/pin ;;
			BYE) echo OK && exit 0 ;;
			*) echo OK ;;
			esac
		done
	END
	chmod 755 "$dir/pinentry"
	printf '%s\n' "pinentry-program $dir/pinentry" \
		allow-preset-passphrase >"$dir/gnupg/gpg-agent.conf"
	chown "$DAEMON_USER" "$dir/gnupg/gpg-agent.conf"
	gpg_must "$1" --yes --delete-secret-and-public-key \
		"$(fingerprint_at "$1" "$me")"
	gpg_must "$1" --pinentry-mode loopback --passphrase "$3" \
		--quick-gen-key "${me^} <sip:$me@$DOMAIN>" "$KEY" sign never
	gpg_must "$1" --pinentry-mode loopback --passphrase "$3" --yes \
		--quick-sign-key "$(fingerprint_at "$1" "$you")"
	gpg_must "$2" --yes --delete-keys "$(fingerprint_at "$2" "$me")"
	key_take "$2" "$1" "${me^} <sip:$me@$DOMAIN>"
	agent_forget "$1"
	daemon_says "$1" "$me" \
		"signs with key $(fingerprint_at "$1" "$me")"
	daemon_says "$2" "$me" \
		"what key $(fingerprint_at "$1" "$me") signs is believed"
	daemon_says "$1" "$you" \
		"what key $(fingerprint_at "$2" "$you") signs is believed"
}

# It knows no passphrase any more: it has ended.
agent_forget() # GUARD
{
	local agent

	agent=$(agent_pid "$1")
	in_node "$1" setpriv --reuid "$DAEMON_USER" \
		--regid "$(id -gn "$DAEMON_USER")" --clear-groups \
		gpgconf --homedir "$(daemon_dir "$1")/gnupg" --kill gpg-agent
	[ -z "$agent" ] || "$TOOLS/await" -t "$EVENT_MS" -g "$agent"
}

# --- a third one, on the proxy's own host -------------------------------------

# A key of another guard is taken over, certified and trusted.
key_take() # GUARD OTHER-GUARD USER-ID
{
	local dir file fpr

	dir=$(daemon_dir "$1")
	file=$dir/from-$2.asc
	gpg_at "$2" --armor --export "=$3" >"$file"
	chmod 644 "$file"
	gpg_must "$1" --import "$file"
	fpr=$(gpg_at "$1" --with-colons --list-keys "=$3" |
		awk -F : '$1 == "fpr" && !n++ { print $10 }')
	[ -n "$fpr" ] || die "no key \"$3\" in $1 after its import"
	gpg_must "$1" --yes --quick-sign-key "$fpr"
	echo "$fpr:5:" >"$dir/ownertrust"
	chmod 644 "$dir/ownertrust"
	gpg_must "$1" --import-ownertrust "$dir/ownertrust"
}

proxy_guard_keys()
{
	local g me you dir

	dir=$(daemon_dir proxy)
	mkdir -p "$dir/gnupg"
	chown -R "$DAEMON_USER:$(id -gn "$DAEMON_USER")" "$dir"
	chmod 755 "$dir"
	chmod 700 "$dir/gnupg"
	gpg_must proxy --quick-gen-key "Proxy <sip:$DOMAIN>" "$KEY" sign never
	for g in "$GUARD_A" "$GUARD_B"; do
		read -r me you <<<"$(names_of "$g")"
		: "$you"
		key_take proxy "$g" "${me^} <sip:$me@$DOMAIN>"
		key_take "$g" proxy "Proxy <sip:$DOMAIN>"
	done
}

# Role proxy, for the realm of the domain. The others learn its key.
proxy_guard_start()
{
	local g dir

	dir=$(daemon_dir proxy)
	proxy_guard_keys
	daemon_write_conf proxy
	sed -i "s/^realm = .*/realm = \"$DOMAIN\"/" "$dir/sipseald.conf"
	echo 'role = "proxy"' >>"$dir/sipseald.conf"
	in_node proxy "$RULES" install --place proxy --port 5060 >/dev/null 2>&1 ||
		die "the rules can't be installed in proxy"
	daemon_start proxy
	for g in "$GUARD_A" "$GUARD_B"; do
		"$SIPSEALCTL" -s "$(daemon_dir "$g")/control" reload >/dev/null ||
			die "the daemon in $g does not read its keys again"
	done
}
