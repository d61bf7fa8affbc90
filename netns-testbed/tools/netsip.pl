#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# netsip.pl - Net::SIP, a SIP stack in Perl, as a phone or as a proxy.
#
#   netsip.pl phone USER PEER PROXY DOMAIN ADDRESS EVENTS STEP...
#   netsip.pl proxy DOMAIN ADDRESS EVENTS
#
# A phone registers, calls PEER (with "-" waits to be called), and then takes
# one step after the other; the password of a user x is xpw. What happens is
# written to EVENTS, a line each. The proxy forwards without state, is the
# registrar of its domain, and asks for a password in both.
use strict;
use warnings;
use Net::SIP;

use constant WAIT_S => 30;

my ($events, $call, $final, $established, $closed);

sub event
{
	open(my $file, '>>', $events) or die "$events: $!";
	print $file "@_\n";
	close($file);
}

sub outcome
{
	my ($name, $status, %info) = @_;
	my $packet = $info{packet};
	my $code = $info{code} // (ref($packet) ? $packet->code : '');

	event("$name $status $code");
}

# Start something with a callback of its own, until that was called.
sub await
{
	my ($ua, $start) = @_;
	my $done;

	$start->(sub { $done = [@_] });
	$ua->loop(WAIT_S, \$done);
	return $done ? @$done : ('timeout');
}

sub request
{
	my ($ua, $method) = @_;
	my ($status, undef, %info) = await($ua, sub {
		$call->request($method, '', cb_final => shift);
	});

	outcome($method, $status, %info);
}

my %steps = (
	established => sub { shift->loop(WAIT_S, \$established, \$closed) },
	final => sub { shift->loop(WAIT_S, \$final) },
	closed => sub { shift->loop(WAIT_S, \$closed) },
	ringing => sub {
		my ($ua) = @_;
		my $rings;

		$call->set_param(cb_preliminary => sub {
			$rings = 1 if $_[1] == 180;
		});
		$ua->loop(WAIT_S, \$rings);
		event('ringing');
	},
	hold => sub {
		my ($ua) = @_;
		my ($status, undef, %info) = await($ua, sub {
			$call->reinvite(call_on_hold => 1, cb_final => shift);
		});

		outcome('hold', $status, %info);
	},
	options => sub { request(shift, 'OPTIONS') },
	bye => sub {
		my ($ua) = @_;

		await($ua, sub { $call->bye(cb_final => shift) });
		event('closed by itself');
	},
	cancel => sub {
		my ($ua) = @_;

		await($ua, sub { $call->cancel(cb_final => shift) });
		event('cancelled');
	},
	rest => sub { shift->loop(1) },
);

sub listen_for_call
{
	my ($ua, $contact, $rings_only, %common) = @_;

	$ua->listen(
		%common,
		cb_create => sub {
			$call = shift;
			event('incoming');
			return 1;
		},
		cb_invite => sub {
			my (undef, $request) = @_;

			return if !$rings_only;
			return $request->create_response(180, 'Ringing',
				{ contact => $contact });
		},
		cb_established => sub {
			$call = $_[1];
			$established = 1;
			event('established');
		});
}

sub phone
{
	my ($user, $peer, $proxy, $domain, $address);
	my ($ua, $contact, %common, $rings_only);

	($user, $peer, $proxy, $domain, $address, $events, @_) = @_;
	$contact = "sip:$user\@$address";
	$ua = Net::SIP::Simple->new(
		legs => [Net::SIP::Leg->new(addr => $address, port => 5060)],
		outgoing_proxy => "$proxy:5060", registrar => "$proxy:5060",
		domain => $domain, contact => $contact,
		from => ucfirst($user) . " <sip:$user\@$domain>",
		auth => [$user, "${user}pw"]);
	$ua->register(expires => 600) or die 'no registration: ' . $ua->error;
	%common = (recv_bye => sub { $closed = 1; event('closed by peer') });
	$rings_only = @_ && $_[0] eq 'ring';
	shift if $rings_only;
	if ($peer eq '-') {
		listen_for_call($ua, $contact, $rings_only, %common);
	} else {
		$call = $ua->invite("sip:$peer\@$domain", %common,
			cb_final => sub {
				my ($status, undef, %info) = @_;

				$final = 1;
				outcome('final', $status, %info);
			});
	}
	event('registered');
	for my $step (@_) {
		($steps{$step} or die "$step: no such step")->($ua);
	}
	event('finished');
}

sub proxy
{
	my ($domain, $address) = @_;
	my ($ua);

	$events = $_[2];
	$ua = Net::SIP::Simple->new(leg => "$address:5060");
	$ua->create_chain([
		$ua->create_auth(realm => $domain,
			user2pass => sub { $_[0] . 'pw' }),
		$ua->create_registrar(domain => $domain),
		$ua->create_stateless_proxy,
	]);
	event('ready');
	$ua->loop;
}

my $role = shift // '';

die "usage: phone or proxy\n" if $role ne 'phone' && $role ne 'proxy';
$role eq 'phone' ? phone(@ARGV) : proxy(@ARGV);
