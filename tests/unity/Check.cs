using System;
using System.Linq;
using System.Reflection;

/// <summary>What a test asserts, and the runner: every public static method of a class named ...Tests is a test.</summary>
public static class Check
{
    public static void That(bool condition, string what)
    {
        if (!condition) throw new Exception(what);
    }

    public static void Same<T>(T expected, T found, string what = "")
    {
        That(Equals(expected, found), $"{what}: expected {expected}, found {found}");
    }

    public static void Near(double expected, double found, double within, string what = "")
    {
        That(Math.Abs(expected - found) <= within, FormattableString.Invariant($"{what}: expected {expected}, found {found}"));
    }

    /// <summary>Runs the tests whose name begins so; the number of those that failed.</summary>
    public static int Run(string prefix)
    {
        int done = 0, failed = 0;
        foreach (var type in Assembly.GetExecutingAssembly().GetTypes().Where(t => t.Name.EndsWith("Tests")).OrderBy(t => t.Name))
        {
            foreach (var test in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                var name = $"{type.Name}.{test.Name}";
                if (!name.StartsWith(prefix)) continue;
                done++;
                try
                {
                    UnityEngine.Scene.Clear();
                    VTuberBridge.VmcListener.Clock = () => UnityEngine.Time.passed;
                    test.Invoke(null, null);
                    Console.WriteLine($"ok {name}");
                }
                catch (TargetInvocationException e)
                {
                    failed++;
                    Console.WriteLine($"FAILED {name}: {e.InnerException}");
                }
            }
        }
        Console.WriteLine($"{done} tests, {failed} failed");
        return done == 0 ? 1 : failed;
    }
}
