-- A receipt counts the calls that its pause cancelled. Without this index every pause would read
-- all attempts of its campaign, 200 ms for each 400,000 of them.
CREATE INDEX attempt_cancelled ON attempt (campaign_id, ended_at) WHERE outcome = 'cancelled';
