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
    """When to look next, as plain values."""

    def test_a_look_is_never_sooner_than_the_shortest_nor_later_than_the_longest_pause(self):
        habits = [learn(())]
        for effort, pause in ((0.0001, SHORTEST), (1000, LONGEST)):
            self.assertEqual(next_poll(MONDAY, MONDAY, habits, effort), MONDAY + pause)

    def test_without_shipments_the_guess_is_the_same_all_week(self):
        habits = learn(())
        self.assertEqual(len(set(habits.week)), 1)
        self.assertAlmostEqual(sum(habits.week), 168)

    def test_more_effort_means_a_later_look(self):
        habits = [learn(())]
        looks = [next_poll(MONDAY, MONDAY, habits, effort) for effort in (0.1, 0.2, 0.4)]
        self.assertEqual(looks, sorted(set(looks)))

    def test_the_usual_time_is_learnt(self):
        habits = learn(shipments(60, lambda _accepted: timedelta(hours=6)))
        usual = habits.chance(MONDAY, MONDAY + timedelta(hours=6))
        self.assertGreater(usual, 5 * habits.chance(MONDAY, MONDAY + timedelta(hours=1)))
        effort = 0.5
        early = next_poll(MONDAY, MONDAY, [habits], effort) - MONDAY
        again = MONDAY + timedelta(hours=5, minutes=30)
        self.assertLess(next_poll(MONDAY, again, [habits], effort) - again, early)

    def test_days_off_are_learnt_and_do_not_make_an_order_look_late(self):
        def next_workday(accepted):
            days = {4: 3, 5: 2, 6: 1}.get(accepted.weekday(), 1)
            return timedelta(days=days)

        habits = learn(shipments(140, next_workday))
        saturday, tuesday = datetime(2026, 11, 7, 15), datetime(2026, 11, 3, 15)
        self.assertLess(habits.week[5 * 24 + 15], habits.week[1 * 24 + 15] / 4)
        friday = datetime(2026, 11, 6, 15)
        over_weekend = habits.working_hours(friday, friday + timedelta(days=3))
        over_night = habits.working_hours(MONDAY, MONDAY + timedelta(days=1))
        self.assertLess(over_weekend, 2.5 * over_night)
        pauses = [
            next_poll(moment - timedelta(days=1), moment, [habits], 0.3) - moment
            for moment in (saturday, tuesday)
        ]
        self.assertGreater(pauses[0], pauses[1])

    def test_a_weekday_nobody_waited_through_is_not_taken_for_a_day_off(self):
        habits = learn(shipments(3, lambda _accepted: timedelta(hours=4)))
        self.assertGreater(habits.week[3 * 24 + 19], habits.week[5 * 24 + 3])

    def test_the_effort_fits_the_requests(self):
        """As many looks are planned over a week as there are requests, give or take a tenth."""
        habits = [learn(shipments(100, lambda accepted: timedelta(hours=20 + accepted.day)))]
        root = typical_root(MONDAY, MONDAY + timedelta(hours=30), habits)
        effort = share_poll_cost([(400, root)], looks_per_hour=100)
        self.assertAlmostEqual(effort, 4 * root)

    def test_news_before_acceptance_teaches_nothing(self):
        self.assertEqual(learn([(MONDAY, MONDAY - timedelta(hours=1))]), learn(()))
