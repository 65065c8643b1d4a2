/* The program that call-trace and statement-vars probe in the lab: compiled with -g; line numbers identify its statements. */
#include <stdio.h>

struct item {
	int weight;
};

static int leaf(int a, const char *name, struct item *item) {
	int twice = a * 2;
	return twice + item->weight + (name[0] == 'o');
}

static int middle(int a) {
	struct item item = {40 + a};
	return leaf(a, "one", &item) + leaf(a + 1, "two", &item);
}

int main(void) {
	printf("%d\n", middle(3));
	return 0;
}
