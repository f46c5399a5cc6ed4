from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ...tools.poll_schedule import (
    LONGEST,
    SHORTEST,
    learn,
    next_poll,
    share_poll_cost,
    typical_root,
)

MONDAY = datetime(2026, 11, 2, 15)


def shipments(count, wait, start=MONDAY):
    """Return (accepted, news) pairs, one a day, each seen `wait(accepted)` later."""
    accepted = [start + timedelta(days=number) for number in range(count)]
    return [(moment, moment + wait(moment)) for moment in accepted]


@tagged("-at_install", "post_install")
class TestShipmentSchedule(BaseCase):
    """When to poll next, as plain values."""

    def test_a_poll_is_never_sooner_than_the_shortest_nor_later_than_the_longest_pause(self):
        profile = [learn(())]
        for poll_cost, pause in ((0.0001, SHORTEST), (1000, LONGEST)):
            self.assertEqual(next_poll(MONDAY, MONDAY, profile, poll_cost), MONDAY + pause)

    def test_without_shipments_the_guess_is_the_same_all_week(self):
        profile = learn(())
        self.assertEqual(len(set(profile.week)), 1)
        self.assertAlmostEqual(sum(profile.week), 168)

    def test_a_higher_poll_cost_means_a_later_poll(self):
        profile = [learn(())]
        polls = [next_poll(MONDAY, MONDAY, profile, poll_cost) for poll_cost in (0.1, 0.2, 0.4)]
        self.assertEqual(polls, sorted(set(polls)))

    def test_the_usual_time_is_learnt(self):
        profile = learn(shipments(60, lambda _accepted: timedelta(hours=6)))
        usual = profile.chance(MONDAY, MONDAY + timedelta(hours=6))
        self.assertGreater(usual, 5 * profile.chance(MONDAY, MONDAY + timedelta(hours=1)))
        poll_cost = 0.5
        early = next_poll(MONDAY, MONDAY, [profile], poll_cost) - MONDAY
        again = MONDAY + timedelta(hours=5, minutes=30)
        self.assertLess(next_poll(MONDAY, again, [profile], poll_cost) - again, early)

    def test_days_off_are_learnt_and_do_not_make_an_order_look_late(self):
        def next_workday(accepted):
            days = {4: 3, 5: 2, 6: 1}.get(accepted.weekday(), 1)
            return timedelta(days=days)

        profile = learn(shipments(140, next_workday))
        saturday, tuesday = datetime(2026, 11, 7, 15), datetime(2026, 11, 3, 15)
        self.assertLess(profile.week[5 * 24 + 15], profile.week[1 * 24 + 15] / 4)
        friday = datetime(2026, 11, 6, 15)
        over_weekend = profile.working_hours(friday, friday + timedelta(days=3))
        over_night = profile.working_hours(MONDAY, MONDAY + timedelta(days=1))
        self.assertLess(over_weekend, 2.5 * over_night)
        pauses = [
            next_poll(moment - timedelta(days=1), moment, [profile], 0.3) - moment
            for moment in (saturday, tuesday)
        ]
        self.assertGreater(pauses[0], pauses[1])

    def test_a_weekday_nobody_waited_through_is_not_taken_for_a_day_off(self):
        profile = learn(shipments(3, lambda _accepted: timedelta(hours=4)))
        self.assertGreater(profile.week[3 * 24 + 19], profile.week[5 * 24 + 3])

    def test_an_order_that_ships_past_midnight_waited_on_both_days(self):
        saturday = datetime(2026, 11, 7, 20)
        profile = learn([(saturday, saturday + timedelta(hours=4, minutes=25))] * 25)
        sunday, monday = profile.week[6 * 24 + 12], profile.week[12]
        self.assertLess(sunday, 5 * monday)

    def test_the_poll_cost_fits_the_requests(self):
        """As many polls are planned over a week as there are requests, give or take a tenth."""
        profile = [learn(shipments(100, lambda accepted: timedelta(hours=20 + accepted.day)))]
        root = typical_root(MONDAY, MONDAY + timedelta(hours=30), profile)
        poll_cost = share_poll_cost([(400, root)], polls_per_hour=100)
        self.assertAlmostEqual(poll_cost, 4 * root)

    def test_news_before_acceptance_teaches_nothing(self):
        self.assertEqual(learn([(MONDAY, MONDAY - timedelta(hours=1))]), learn(()))
