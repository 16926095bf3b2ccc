-- name: hours
-- Each campaign that has not ended, with its activity hours and the zones of its leads left.
SELECT c.id, s.settings -> 'hours' AS hours,
       ARRAY(SELECT t.zone FROM lead_tally t
             WHERE t.campaign_id = c.id AND t.state IN ('due', 'waiting')
             GROUP BY t.zone HAVING sum(t.n) > 0) AS zones
FROM campaign c
JOIN campaign_settings s ON s.campaign_id = c.id AND s.version = c.settings_version
WHERE c.state NOT IN ('terminated', 'completed')
ORDER BY c.id;
