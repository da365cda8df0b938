fn ship(order: &OrderPlaced, note: Option<&str>, count: u32) -> u64 {
    order.id
}
#[doc(hidden)]
enum ship {}
#[allow(deprecated)]
const _: () = {
    impl ::pyventus::__private::DeclaredHandler for ship {
        const ORIGIN: ::pyventus::__private::Origin = ::pyventus::__private::Origin::declared(
            ::core::concat!(::core::module_path!(), "::ship"),
            &(::core::file!(), ::core::line!(), ::core::column!()),
        );
        fn wants() -> ::pyventus::__private::Vec<::pyventus::__private::Wanted> {
            use ::pyventus::__private::{NamesEvent as _, NamesNothing as _};
            let mut wanted = ::pyventus::__private::Vec::new();
            wanted
                .push(
                    ::pyventus::__private::Wanted::new::<
                        OrderPlaced,
                    >(
                        (&&::pyventus::__private::Probe::<OrderPlaced>::new())
                            .event_name(),
                    ),
                );
            wanted
        }
        fn needs() -> ::pyventus::__private::Needs {
            use ::pyventus::__private::{
                BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                BoundByOptionalArgument as _,
            };
            let needs = ::pyventus::__private::Needs::Borrows;
            let needs = needs
                .or((&&&&::pyventus::__private::Probe::<u32>::new()).needs());
            needs
        }
        const CODE: ::pyventus::__private::DeclaredCode = {
            fn call(
                view: &::pyventus::__private::View<'_>,
                keep: ::pyventus::__private::Keep<'_>,
            ) -> ::pyventus::__private::CallResult {
                use ::pyventus::__private::{
                    AnswersEvery as _, AnswersOne as _, AnswersOwn as _,
                    BoundByArgument as _, BoundByEmission as _, BoundByNothing as _,
                    BoundByOptionalArgument as _, ReturnsDynamic as _,
                    ReturnsFallible as _, ReturnsFuture as _, ReturnsIterator as _,
                    ReturnsPlain as _, StandsForExtra as _, StandsForValue as _,
                };
                ::pyventus::__private::receives::<ship, OrderPlaced>();
                let mut binder = ::pyventus::__private::Binder::new(view);
                let arg0 = binder.borrow::<OrderPlaced>("order")?;
                let arg1 = binder.borrow_optional::<str>("note")?;
                let arg2 = binder
                    .take::<
                        u32,
                        _,
                    >(
                        (&&&&::pyventus::__private::Probe::<u32>::new()).bound_by(),
                        "count",
                    )?;
                let returned = ship(arg0, arg1, arg2);
                let kind = (&&&&&::pyventus::__private::Probe::<u64>::new()).returns();
                ::pyventus::__private::called(kind, returned, keep)
            }
            ::pyventus::__private::DeclaredCode::Sync(call)
        };
    }
    impl ship {
        #[doc(hidden)]
        pub const fn __returns() -> ::pyventus::__private::Probe<u64> {
            ::pyventus::__private::Probe::new()
        }
    }
};
#[allow(deprecated)]
const _: () = {
    mod __undeclared0 {
        pub enum bill {}
    }
    use __undeclared0::bill as __Handler0;
    const _: () = {
        use bill as __Handler0;
        impl ::pyventus::__private::Receives<OrderPlaced> for ship {}
        impl ::pyventus::__private::Receives<Refused> for ship {}
        static __KEYS: &[::pyventus::__private::EventKey] = &[
            ::pyventus::__private::EventKey::event::<OrderPlaced>(),
            ::pyventus::__private::EventKey::error::<Refused>(),
        ];
        static __REGISTRATION: ::pyventus::__private::Registration = ::pyventus::__private::Registration::new::<
            ship,
        >(
            __KEYS,
            || ::pyventus::__private::registry(&ORDERS),
            ::pyventus::__private::Options {
                once: false,
                blocking: false,
                priority: -1,
                before: &[],
                after: &[::pyventus::__private::handler_id::<__Handler0>()],
                retry: ::pyventus::__private::Option::None,
                timeout: ::pyventus::__private::Option::None,
            },
        );
        impl ::pyventus::__private::Registered for ship {
            fn registration() -> &'static ::pyventus::__private::Registration {
                &__REGISTRATION
            }
        }
        ::pyventus::__private::inventory::submit! {
            ::pyventus::__private::Found(& __REGISTRATION)
        }
    };
};
