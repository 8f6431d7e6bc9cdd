package scenes

import (
	"strings"
	"testing"
)

func TestSeedAndSceneLists(t *testing.T) {
	t.Parallel()
	if seeds, err := seedList("3-5"); err != nil || len(seeds) != 3 || seeds[2] != 5 {
		t.Errorf("%v, %v", seeds, err)
	}
	for _, text := range []string{"", "x", "5-3", "1-5000", "-1"} {
		if seeds, err := seedList(text); err == nil {
			t.Errorf("%q gives seeds %v", text, seeds)
		}
	}
	if scenes, err := chosenScenes("all"); err != nil || len(scenes) != 19 {
		t.Errorf("%v, %v", scenes, err)
	}
	if _, err := chosenScenes("disk,dusk"); err == nil || !strings.Contains(err.Error(), `"dusk"`) {
		t.Errorf("%v", err)
	}
}
